package dev.satchel.spring.technologies;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "book")
class JpaBook {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    @Nullable
    Long id;

    String isbn = "";
    String title = "";

    protected JpaBook() {}

    JpaBook(String isbn, String title) {
        this.isbn = isbn;
        this.title = title;
    }
}
