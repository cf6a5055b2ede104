create index endpoint_account on endpoint (account_id, created_at);
