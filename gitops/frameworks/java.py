"""What Java's frameworks have in common."""

from collections.abc import Sequence

from gitops.frameworks import bases
from gitops.frameworks.instructions import AUTHORITIES, MOUNT, USER, command, copy, env, execute, listening, run, start
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

LANGUAGE = "java"
PORT = 8080
START = tuple(listening(["java", "-XX:MaxRAMPercentage=75", "-jar", "/app/app.jar"], '--server.port="$PORT"'))
TRUST = "-Djavax.net.ssl.trustStore=/trust.p12 -Djavax.net.ssl.trustStorePassword=changeit"
# The JVM reads no PEM: a program in a file of its own makes a trust store, of the JVM's own authorities and those that are given.
# https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html#using-source-file-mode-to-launch-source-code-programs
PROGRAM = (
    "import java.io.*;",
    "import java.security.KeyStore;",
    "import java.security.cert.*;",
    "class Trust {",
    "  public static void main(String[] files) throws Exception {",
    "    char[] word = {99, 104, 97, 110, 103, 101, 105, 116};",
    "    KeyStore store = KeyStore.getInstance(new File(files[0]), word);",
    "    try (InputStream given = new FileInputStream(files[1])) {",
    "      int number = 0;",
    "      for (Certificate each : CertificateFactory.getInstance(files[3]).generateCertificates(given))",
    "        store.setCertificateEntry(files[3] + number++, each);",
    "    }",
    "    try (OutputStream out = new FileOutputStream(files[2])) { store.store(out, word); }",
    "  }",
    "}",
)


def plan(tree: Tree, framework: str, *, version: str, where: str, manager: str, port: int | None, tests: bool) -> Plan:
    """The plan of an application in Java."""
    return Plan(
        framework=framework,
        language=LANGUAGE,
        version=bases.choose(LANGUAGE, version, where),
        package_manager=manager,
        start=START,
        test=(("mvn", "--batch-mode", "test") if manager == "maven" else ("gradle", "--no-daemon", "test")) if tests else None,
        port=port or PORT,
        path=tree.path,
    )


def trust() -> str:
    """Make a trust store in the stage that builds: nothing of it comes into the image."""
    lines = " ".join(f"'{line}'" for line in PROGRAM)
    return (
        f"RUN {MOUNT} \\\n"
        '    home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")") \\\n'
        f" && if [ -s {AUTHORITIES} ]; then printf '%s\\n' {lines} > /tmp/Trust.java \\\n"
        f' && java /tmp/Trust.java "$home/lib/security/cacerts" {AUTHORITIES} /trust.p12 X.509; \\\n'
        '    else cp "$home/lib/security/cacerts" /trust.p12; fi'
    )


def render(plan: Plan, tool: str, *, options: str, files: str, fetch: str, package: Sequence[str]) -> list[str]:
    """The Dockerfile's lines. tool: maven or gradle. options: the variable in which it takes the JVM's options. files: that name the
    dependencies, which the command `fetch` gets. package: commands that leave the application as /app.jar."""
    tested = [start("source", "test"), execute(plan.test), ""] if plan.test else []
    return [
        start(bases.image(tool), "source"),
        "WORKDIR /src",
        trust(),
        env({options: TRUST}),
        copy([files], "./"),
        run(fetch),
        copy(["."], "."),
        "",
        *tested,
        start("source", "package"),
        run(*package),
        "",
        *_serve(plan, "/app.jar"),
    ]


def _serve(plan: Plan, jar: str) -> list[str]:
    """The last stage: the application, run."""
    return [
        start(bases.image(LANGUAGE, plan.version)),
        "WORKDIR /app",
        env({"PORT": str(plan.port)}),
        copy([jar], "/app/app.jar", "package"),
        USER,
        f"EXPOSE {plan.port}",
        command(plan.start),
    ]
