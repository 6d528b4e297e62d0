package dev.satchel.spring.technologies;

import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.data.repository.CrudRepository;

interface DataBooks extends CrudRepository<DataBook, Long> {
    List<DataBook> findAllByOrderByTitle();

    List<DataBook> findByTitleStartingWithOrderByTitle(String start, Limit limit);

    Page<DataBook> findAllByOrderByTitle(Pageable page);
}
