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

/** Projects, and the clips of one, over HTTP. */
@RestController
@RequestMapping("/api/projects")
class ProjectController {
    private final ProjectRepository projects;
    private final ClipRepository clips;

    ProjectController(ProjectRepository projects, ClipRepository clips) {
        this.projects = projects;
        this.clips = clips;
    }

    @GetMapping
    List<Project> list() {
        return projects.all();
    }

    @PostMapping
    ResponseEntity<Project> create(@RequestBody ProjectInput input) {
        InputCheck check = new InputCheck();
        String name = check.name("name", input.name());
        Long game = input.game(check);
        check.done();
        Project project = projects.add(name, game);
        return ResponseEntity.created(URI.create("/api/projects/" + project.id()))
                .body(project);
    }

    @GetMapping("/{id}")
    Project get(@PathVariable long id) {
        return projects.get(id);
    }

    @PutMapping("/{id}")
    Project change(@PathVariable long id, @RequestBody ProjectInput input) {
        InputCheck check = new InputCheck();
        String name = check.name("name", input.name());
        Long game = input.game(check);
        check.done();
        return input.saysGame() ? projects.change(id, name, game) : projects.change(id, name);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable long id) {
        projects.remove(id);
    }

    @PutMapping("/{id}/completion")
    Project complete(@PathVariable long id) {
        return projects.complete(id, true);
    }

    @DeleteMapping("/{id}/completion")
    Project takeUp(@PathVariable long id) {
        return projects.complete(id, false);
    }

    @GetMapping("/{id}/clips")
    List<Clip> clips(@PathVariable long id) {
        return clips.ofProject(id);
    }

    @PostMapping("/{id}/clips")
    ResponseEntity<Clip> addClip(@PathVariable long id, @RequestBody ClipInput input) {
        Clip clip = clips.add(id, input.forNewClip());
        return ResponseEntity.created(URI.create("/api/clips/" + clip.id())).body(clip);
    }
}
