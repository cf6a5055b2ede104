create index upload_expiry on upload (expires_at);
