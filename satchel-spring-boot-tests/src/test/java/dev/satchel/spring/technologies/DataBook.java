package dev.satchel.spring.technologies;

import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

@Table("book")
record DataBook(@Id @Nullable Long id, String isbn, String title) {}
