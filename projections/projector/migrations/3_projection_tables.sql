-- Which version of its code and tables built a read model, and which tables are its own: those of another version
-- are replaced by a rebuild. Empty: built before versions were kept.
alter table projection
  add column version text not null default '',
  add column tables text[] not null default '{}',
  add column rebuilt_at timestamptz not null default now();
