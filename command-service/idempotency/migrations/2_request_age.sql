create index request_age on request (created_at);
