create index delivery_endpoint on delivery (endpoint_id, created_at desc, seq desc);
