import type { S3Settings } from './connection.ts';

/** What the object store answered to a request of this process. */
export class S3ResponseError extends Error {
  override name = 'S3ResponseError';
  readonly status: number;
  /** S3's own, such as `NoSuchKey`; empty where the answer had none. */
  readonly code: string;
  constructor(request: string, status: number, body: string) {
    const code = /<Code>([^<]*)</.exec(body)?.[1] ?? '';
    const message = /<Message>([^<]*)</.exec(body)?.[1] ?? '';
    super([`The object store refused ${request}: HTTP ${status}`, code, message].filter(Boolean).join(' '));
    this.status = status;
    this.code = code;
  }
}

/** The `code` of an S3 answer or of a Node system error; the name of what minio itself refuses. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'code' in error && error.code ? String(error.code) : error.name;
}

/** The same failure, told by the setting that has to be changed. */
export function settingError(error: unknown, settings: S3Settings): Error {
  const { endpoint, bucket, region = 'us-east-1' } = settings;
  const reason = error instanceof Error ? error.message || codeOf(error) : String(error);
  const told = (text: string) => new Error(`${text} (${reason})`, { cause: error });
  switch (codeOf(error)) {
    case 'InvalidAccessKeyId':
      return told(`S3_ACCESS_KEY is not known at ${endpoint}`);
    case 'SignatureDoesNotMatch':
      return told(`S3_SECRET_KEY does not belong to S3_ACCESS_KEY at ${endpoint}`);
    case 'AccessDenied':
    case 'AllAccessDisabled':
      return told(
        `S3_ACCESS_KEY has no right to use or create the bucket ${bucket} (S3_BUCKET) at ${endpoint}`,
      );
    case 'NoSuchBucket':
    case 'InvalidBucketName':
    case 'InvalidBucketNameError':
    case 'BucketAlreadyExists':
      return told(`S3_BUCKET ${bucket} cannot be used at ${endpoint}`);
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'MovedPermanently':
      return told(`S3_REGION ${region} is not the region of the bucket ${bucket}`);
    case 'RequestTimeTooSkewed':
      return told(`The clocks of this machine and of ${endpoint} differ too much`);
    default:
      return told(`S3_ENDPOINT ${endpoint} does not answer as an S3 object store`);
  }
}
