import { createDocument, type oas31, type ZodOpenApiPathsObject } from 'zod-openapi';
import { addAnswerHeaders, answerHeaders, type OpenApiDocument } from './answer-headers.ts';
import { documentPaths } from './documents.paths.ts';
import { eventPaths } from './events.paths.ts';
import { healthPaths } from './health.paths.ts';
import { jobChangePaths } from './job-changes.paths.ts';
import { jobListPaths } from './job-list.paths.ts';
import { jobReadPaths } from './job-reads.paths.ts';
import { jobPaths } from './jobs.paths.ts';
import { keyPaths } from './keys.paths.ts';
import { playbackPaths } from './playback.paths.ts';
import { Problem } from './problem.ts';
import { profilePaths } from './profiles.paths.ts';
import { uploadPaths } from './upload.paths.ts';
import { resumableUploadPaths } from './uploads.paths.ts';
import { usagePaths } from './usage.paths.ts';
import { webhookPaths } from './webhooks.paths.ts';

/** Every resource's calls; two resources may share a path, with different methods. */
const resources: readonly ZodOpenApiPathsObject[] = [
  uploadPaths,
  resumableUploadPaths,
  jobPaths,
  jobListPaths,
  jobReadPaths,
  jobChangePaths,
  playbackPaths,
  eventPaths,
  webhookPaths,
  profilePaths,
  usagePaths,
  keyPaths,
  healthPaths,
  documentPaths,
];

/** In the order of the page; each call has one of them. */
const tags: oas31.TagObject[] = [
  { name: 'jobs', description: 'What is to be done with a video, how far it is, what came of it.' },
  { name: 'uploads', description: 'Ways for a video to get here.' },
  { name: 'outputs', description: 'The files that a job makes, with ranges and conditional requests.' },
  { name: 'playback', description: 'Signed, expiring addresses for players, which know no API key.' },
  { name: 'events', description: 'What happened, and what happens: as history and live.' },
  { name: 'webhooks', description: 'Signed messages to a server of yours.' },
  { name: 'keys', description: 'API keys, their scopes and limits.' },
  { name: 'usage', description: 'The storage that an account uses.' },
  { name: 'health', description: 'For probes.' },
  { name: 'documents', description: 'This documentation.' },
];

const description = `Every call but those of \`health\` and \`documents\` needs an API key in the header \`X-API-Key\`; the key's scopes
(\`read\`, \`write\`, \`admin\`) say what it may do. Refusals are RFC 9457 problem documents: \`code\` is for programs,
\`detail\` for people. Calls are limited per key and per address; the headers \`RateLimit\` and \`RateLimit-Policy\` say how.

Any request may be refused before it reaches a call: with 405 for a method that the path does not know (\`Allow\` names those
that it does), 408 where its bytes stop coming, 414 for an address of more than 8 KiB, 431 for headers of more than 16 KiB.`;

/**
 * The OpenAPI 3.1 document of the REST API, of the same schemas that the routes parse with.
 * @param server absolute URL of the API, or `/` for wherever the document was read
 * @throws {Error} for a call that two resources describe
 */
export function openApiDocument(server = '/'): OpenApiDocument {
  const document = createDocument({
    openapi: '3.1.1',
    info: {
      title: 'TranscodeFlow',
      version: '1.0.0',
      summary: 'Upload a video, get back a verified, web-ready package.',
      description,
      contact: { name: 'TranscodeFlow', url: 'https://transcodeflow.dev' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: server, description: 'This installation.' }],
    tags,
    security: [{ ApiKey: [] }],
    paths: merged(resources),
    components: {
      securitySchemes: {
        ApiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'One of your API keys.' },
      },
      schemas: { Problem },
      headers: answerHeaders,
    },
  });
  return addAnswerHeaders(document);
}

function merged(all: readonly ZodOpenApiPathsObject[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const [path, item] of all.flatMap((resource) => Object.entries(resource))) {
    const twice = Object.keys(item).find((method) => Object.hasOwn(paths[path] ?? {}, method));
    if (twice) throw new Error(`Two resources describe ${twice.toUpperCase()} ${path}`);
    paths[path] = { ...paths[path], ...item };
  }
  return paths;
}
