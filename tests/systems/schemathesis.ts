import { findPythonProgram } from './python-program.ts';

/** Schemathesis (https://schemathesis.readthedocs.io). @throws {Error} whose message says why there is none */
export const findSchemathesis = (): Promise<string> =>
  findPythonProgram({
    program: 'schemathesis',
    packages: [{ name: 'schemathesis', version: '4.32.5' }],
    proof: ['--version'],
  });
