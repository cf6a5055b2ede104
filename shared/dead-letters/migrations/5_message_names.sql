-- What operators see of it, apart from `original`: a json that has \u0000 anywhere cannot be looked into.
alter table message add column subject text, add column type text;
