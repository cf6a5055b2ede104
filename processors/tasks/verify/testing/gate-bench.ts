import { type Processed, processFile } from '../../../ffmpeg/testing/pipeline.ts';
import { picture, tone, x264 } from '../../../ffmpeg/testing/sources.ts';
import { openTaskBench, type TaskBench } from '../../../ffmpeg/testing/task-bench.ts';
import { TaskError } from '../../../task-error.ts';
import { verify } from '../verify.ts';

type Rendition = Processed['verifySpec']['renditions'][number];

export interface GateBench extends TaskBench {
  /** Four seconds with sound as a job makes them, which pass. */
  goodOutput(): Promise<Processed>;
  /** The one rendition of that. */
  renditionFile(): Promise<string>;
  /** What the gate is asked about that, with another file in the rendition's place. */
  withRendition(file: string): Promise<Processed['verifySpec']>;
  /** The gate's code and figures; or what it answered where it lets the outputs pass. */
  complaints(spec: Processed['verifySpec']): Promise<string>;
  /** Its complaints where filters went over a rendition. */
  replaced(processed: Processed, filters: string, changes?: Partial<Rendition>): Promise<string>;
}

/** The output gate, with good outputs of which a test makes bad ones. */
export async function openGateBench(): Promise<GateBench> {
  const bench = await openTaskBench();
  let good: Processed | undefined;

  async function goodOutput(): Promise<Processed> {
    good ??= await processFile(
      bench,
      await bench.make('good.mp4', ...picture('640x360', ':rate=25:duration=4'), ...tone(4), ...x264),
    );
    return good;
  }

  async function renditionFile(): Promise<string> {
    const { verifySpec } = await goodOutput();
    return bench.objects.localFile(verifySpec.renditions[0]?.object.key ?? '', bench.folder);
  }

  async function withRendition(file: string): Promise<Processed['verifySpec']> {
    const { verifySpec } = await goodOutput();
    const object = await bench.upload(file);
    return {
      ...verifySpec,
      hls: undefined,
      renditions: verifySpec.renditions.map((rendition) => ({ ...rendition, object })),
    };
  }

  async function complaints(spec: Processed['verifySpec']): Promise<string> {
    const error = await verify(spec, await bench.attempt()).catch((e: unknown) => e);
    if (!(error instanceof TaskError)) return `passed: ${JSON.stringify(error)}`;
    return `${error.info.code}\n${error.info.detail}`;
  }

  async function replaced(
    { verifySpec }: Processed,
    filters: string,
    changes: Partial<Rendition> = {},
  ): Promise<string> {
    const key = verifySpec.renditions[0]?.object.key ?? '';
    const path = await bench.objects.localFile(key, bench.folder);
    const object = await bench.upload(await bench.make('replaced.mp4', '-i', path, '-vf', filters, ...x264));
    const renditions = verifySpec.renditions.map((rendition) => ({ ...rendition, object, ...changes }));
    return complaints({ ...verifySpec, hls: undefined, renditions });
  }

  return { ...bench, goodOutput, renditionFile, withRendition, complaints, replaced };
}
