create index holder_lease on holder (lease_until) where lease_until is not null;
