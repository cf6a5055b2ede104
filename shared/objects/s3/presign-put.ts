import { createHash, createHmac } from 'node:crypto';
import type { S3Settings } from './connection.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
/** RFC 3986, which encodes more than `encodeURIComponent`. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * A URL to which a client PUTs exactly `size` bytes (AWS Signature Version 4). Other than the minio client's, it signs
 * the Content-Length, so that the store itself refuses any other size.
 * @param seconds that it is valid; at most 7 days
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presignPut(
  { endpoint, publicEndpoint = endpoint, accessKey, secretKey, bucket, region = 'us-east-1' }: S3Settings,
  key: string,
  size: number,
  seconds: number,
): { url: string; headers: Record<string, string> } {
  const { origin, host } = new URL(publicEndpoint);
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = [time.slice(0, 8), region, 's3', 'aws4_request'];
  const path = `/${[bucket, ...key.split('/')].map(encode).join('/')}`;
  const query = Object.entries({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': [accessKey, ...scope].join('/'),
    'X-Amz-Date': time,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': 'content-length;host',
  })
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const canonical = [
    'PUT',
    path,
    query,
    `content-length:${size}`,
    `host:${host}`,
    '',
    'content-length;host',
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const signingKey = scope.reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secretKey}`);
  const signature = createHmac('sha256', signingKey).update(toSign).digest('hex');
  return {
    url: `${origin}${path}?${query}&X-Amz-Signature=${signature}`,
    headers: { 'Content-Length': String(size) },
  };
}
