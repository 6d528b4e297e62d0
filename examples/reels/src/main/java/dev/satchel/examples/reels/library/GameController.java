package dev.satchel.examples.reels.library;

import dev.satchel.examples.reels.web.InputCheck;
import java.net.URI;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Games over HTTP. */
@RestController
@RequestMapping("/api/games")
class GameController {
    private final GameRepository games;

    GameController(GameRepository games) {
        this.games = games;
    }

    @GetMapping
    List<Game> list() {
        return games.all();
    }

    @PostMapping
    ResponseEntity<Game> create(@RequestBody GameInput input) {
        Game game = games.add(checkedName(input));
        return ResponseEntity.created(URI.create("/api/games/" + game.id())).body(game);
    }

    @GetMapping("/{id}")
    Game get(@PathVariable long id) {
        return games.get(id);
    }

    @PutMapping("/{id}")
    Game rename(@PathVariable long id, @RequestBody GameInput input) {
        return games.rename(id, checkedName(input));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable long id) {
        games.remove(id);
    }

    private static String checkedName(GameInput input) {
        InputCheck check = new InputCheck();
        String name = check.name("name", input.name());
        check.done();
        return name;
    }
}
