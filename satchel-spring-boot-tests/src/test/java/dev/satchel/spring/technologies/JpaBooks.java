package dev.satchel.spring.technologies;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;

interface JpaBooks extends JpaRepository<JpaBook, Long> {
    List<JpaBook> findAllByOrderByTitle();
}
