alter table book add column rating integer not null default 0;
create index book_title on book (title);
