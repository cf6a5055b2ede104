create index delivery_account on delivery (account_id, created_at desc, seq desc);
