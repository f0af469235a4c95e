package example;

import java.util.Map;
import java.util.Objects;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A small service: says who answers, in which version. */
@SpringBootApplication
@RestController
public class Application {
    static final String NAME = "spring-gradle";

    public static void main(String[] arguments) {
        SpringApplication.run(Application.class, arguments);
    }

    @GetMapping("/")
    Map<String, String> index() {
        return Map.of("name", NAME, "version", Objects.requireNonNullElse(System.getenv("APP_VERSION"), "1.0.0"));
    }
}
