package dev.satchel.spring.technologies;

/** MyBatis puts the key that the database made into it. */
class MyBatisBook {
    private final String isbn;
    private final String title;
    private long id;

    MyBatisBook(String isbn, String title) {
        this.isbn = isbn;
        this.title = title;
    }

    public String getIsbn() {
        return isbn;
    }

    public String getTitle() {
        return title;
    }

    public long getId() {
        return id;
    }

    public void setId(long id) {
        this.id = id;
    }
}
