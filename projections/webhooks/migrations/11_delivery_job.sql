create index delivery_job on delivery (job_id);
