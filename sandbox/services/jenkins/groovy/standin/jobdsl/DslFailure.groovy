package standin.jobdsl

/** A Job DSL script says something that cannot be. */
class DslFailure extends RuntimeException {
    DslFailure(String message) {
        super(message)
    }
}
