-- Those that a request began to make a job of: after a crash the janitor looks for the job.
create index upload_claim on upload (claimed_at) where claim is not null and not is_used;
