/**
 * The one table of refusals: HTTP status and title of each. Codes are part of the contract (`code` in
 * problem+json); details are written for the person who reads them.
 */
export const errorTable = Object.freeze({
  api_key_missing: { status: 403, title: 'API key required' },
  api_key_invalid: { status: 401, title: 'Invalid API key' },
  scope_missing: { status: 403, title: 'Not permitted' },
  api_key_not_found: { status: 404, title: 'API key not found' },
  api_key_permanent: { status: 400, title: 'API key cannot be revoked' },
  job_not_found: { status: 404, title: 'Job not found' },
  job_of_another_account: { status: 403, title: 'Not your job' },
  job_not_completed: { status: 409, title: 'Job not completed' },
  playback_url_invalid: { status: 403, title: 'Invalid playback URL' },
  playback_url_expired: { status: 410, title: 'Playback URL expired' },
  revision_not_reached: { status: 409, title: 'Revision not reached' },
  output_not_found: { status: 404, title: 'Output not found' },
  route_not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  invalid_request: { status: 400, title: 'Invalid request' },
  invalid_video_format: { status: 400, title: 'Invalid video format' },
  invalid_thumbnail: { status: 400, title: 'Invalid thumbnail' },
  invalid_watermark: { status: 400, title: 'Invalid watermark' },
  already_finished: { status: 400, title: 'Job already finished' },
  not_retryable: { status: 400, title: 'Job cannot be retried' },
  webhook_not_found: { status: 404, title: 'Webhook not found' },
  webhook_of_another_account: { status: 403, title: 'Not your webhook' },
  webhook_limit_reached: { status: 409, title: 'Too many webhooks' },
  delivery_not_found: { status: 404, title: 'Delivery not found' },
  delivery_of_another_account: { status: 403, title: 'Not your delivery' },
  upload_not_found: { status: 404, title: 'Upload not found' },
  upload_of_another_account: { status: 403, title: 'Not your upload' },
  upload_gone: { status: 410, title: 'Upload gone' },
  upload_used: { status: 409, title: 'Upload already used' },
  upload_unfinished: { status: 409, title: 'Upload not finished' },
  upload_size_mismatch: { status: 422, title: 'Upload size mismatch' },
  upload_offset_conflict: { status: 409, title: 'Upload-Offset conflict' },
  upload_locked: { status: 423, title: 'Upload in use' },
  upload_protocol_version: { status: 412, title: 'Unsupported tus version' },
  checksum_mismatch: { status: 460, title: 'Checksum mismatch' },
  invalid_fields: { status: 422, title: 'Invalid fields' },
  not_supported: { status: 400, title: 'Not supported here' },
  idempotency_mismatch: { status: 422, title: 'Idempotency-Key reused' },
  request_in_progress: { status: 409, title: 'Request in progress' },
  payload_too_large: { status: 413, title: 'Payload too large' },
  upload_timed_out: { status: 408, title: 'Upload timed out' },
  quota_exceeded: { status: 413, title: 'Storage quota exceeded' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  uri_too_long: { status: 414, title: 'URI too long' },
  headers_too_large: { status: 431, title: 'Request header fields too large' },
  request_timed_out: { status: 408, title: 'Request timed out' },
  rate_limited: { status: 429, title: 'Too many requests' },
  precondition_failed: { status: 412, title: 'Precondition failed' },
  range_not_satisfiable: { status: 416, title: 'Range not satisfiable' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  internal: { status: 500, title: 'Internal server error' },
} as const);

export type ErrorCode = keyof typeof errorTable;

/** A refusal that a client can understand; everything else is `internal`. */
export class AppError extends Error {
  override name = 'AppError';
  readonly code: ErrorCode;
  /** Field → what is wrong with it. */
  readonly fields: Record<string, string> | undefined;
  constructor(code: ErrorCode, detail: string, options?: ErrorOptions & { fields?: Record<string, string> }) {
    super(detail, options);
    this.code = code;
    this.fields = options?.fields;
  }
}
