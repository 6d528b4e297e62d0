create table book (
  id integer primary key autoincrement,
  isbn text not null unique,
  title text not null
);
