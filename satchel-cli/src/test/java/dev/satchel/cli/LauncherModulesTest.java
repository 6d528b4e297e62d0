package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The launcher names the modules it builds. One that is missing stops the first build of everybody who has a fresh checkout. */
class LauncherModulesTest {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

    @ParameterizedTest
    @ValueSource(strings = {"cli_modules", "reels_modules"})
    void whatTheLauncherBuildsNeedsNoModuleThatItDoesNotBuild(String list) throws Exception {
        List<String> modules = modules(list);

        Set<String> needed = new HashSet<>();
        for (String module : modules) {
            needed.addAll(needs(module));
        }

        assertThat(modules).containsAll(needed);
    }

    private static List<String> modules(String list) throws Exception {
        Matcher line = Pattern.compile("^" + list + "='([^']+)'$", Pattern.MULTILINE)
                .matcher(Files.readString(CHECKOUT.resolve("satchel")));
        assertThat(line.find()).isTrue();
        return List.of(line.group(1).split(" "));
    }

    /** The modules of this project without which a module does not compile or run. */
    private static Set<String> needs(String module) throws Exception {
        NodeList dependencies = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(CHECKOUT.resolve(module).resolve("pom.xml").toFile())
                .getElementsByTagName("dependency");
        Set<String> needed = new HashSet<>();
        for (int i = 0; i < dependencies.getLength(); i++) {
            Element dependency = (Element) dependencies.item(i);
            if (text(dependency, "groupId").equals("dev.satchel")
                    && !text(dependency, "scope").equals("test")) {
                needed.add(text(dependency, "artifactId"));
            }
        }
        return needed;
    }

    private static String text(Element parent, String name) {
        NodeList found = parent.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
    }
}
