-- Keeps the sums in the transaction of every change of a holder, whoever makes it: they cannot drift. Changes of one
-- account wait for one another at its row, so that each is checked against all before it: parallel ones cannot
-- overshoot a quota. Only what adds bytes is refused (TFQ01), never what gives some back.
create function count_bytes() returns trigger language plpgsql as $$
declare
  whose text := coalesce(new.account_id, old.account_id);
  more_used bigint := 0;
  more_reserved bigint := 0;
  total bigint;
begin
  if tg_op <> 'DELETE' then
    if new.lease_until is null then more_used := new.bytes; else more_reserved := new.bytes; end if;
  end if;
  if tg_op <> 'INSERT' then
    if old.lease_until is null then more_used := more_used - old.bytes;
    else more_reserved := more_reserved - old.bytes; end if;
  else
    insert into storage.account (account_id) values (whose) on conflict do nothing;
  end if;
  if more_used = 0 and more_reserved = 0 then
    return null;
  end if;
  update storage.account
  set used_bytes = used_bytes + more_used, reserved_bytes = reserved_bytes + more_reserved
  where account_id = whose
  returning used_bytes + reserved_bytes into strict total;
  if more_used + more_reserved > 0 and total > new.quota then
    raise exception 'storage quota exceeded' using errcode = 'TFQ01',
      detail = json_build_object(
        'held', total - more_used - more_reserved, 'asked', more_used + more_reserved, 'quota', new.quota
      );
  end if;
  return null;
end
$$;
