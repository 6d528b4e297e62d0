package dev.satchel.spring.technologies;

import java.util.List;
import java.util.Optional;
import org.apache.ibatis.annotations.Delete;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Mapper;
import org.apache.ibatis.annotations.Options;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.annotations.Update;

@Mapper
interface MyBatisBooks {
    @Insert("insert into book (isbn, title) values (#{isbn}, #{title})")
    @Options(useGeneratedKeys = true, keyProperty = "id", keyColumn = "id")
    void insert(MyBatisBook book);

    @Select("select title from book where id = #{id}")
    Optional<String> title(long id);

    @Select("select title from book order by title")
    List<String> titles();

    @Update("update book set title = #{title} where id = #{id}")
    void rename(@Param("id") long id, @Param("title") String title);

    @Delete("delete from book where id = #{id}")
    void delete(long id);
}
