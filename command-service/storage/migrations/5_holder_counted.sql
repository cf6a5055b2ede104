create trigger holder_counted after insert or delete or update of bytes, lease_until on holder
for each row execute function storage.count_bytes();
