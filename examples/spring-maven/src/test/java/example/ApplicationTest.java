package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ApplicationTest {
    @Test
    void itSaysWhoAnswers() {
        assertEquals(Application.NAME, new Application().index().get("name"));
    }
}
