package dev.satchel.examples.reels.library;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A single clip over HTTP; the list of a project's clips is the project's. */
@RestController
@RequestMapping("/api/clips")
class ClipController {
    private final ClipRepository clips;

    ClipController(ClipRepository clips) {
        this.clips = clips;
    }

    @GetMapping("/{id}")
    Clip get(@PathVariable long id) {
        return clips.get(id);
    }

    @PutMapping("/{id}")
    Clip change(@PathVariable long id, @RequestBody ClipInput input) {
        return clips.change(id, input.forClipOf(clips.get(id).source()));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable long id) {
        clips.remove(id);
    }
}
