# Made by `slipway release dockerfile` for spring-maven.
FROM docker.io/library/maven:3.9.9-eclipse-temurin-21 AS source
WORKDIR /src
RUN --mount=type=secret,id=authorities \
    home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")") \
 && if [ -s /run/secrets/authorities ]; then printf '%s\n' 'import java.io.*;' 'import java.security.KeyStore;' 'import java.security.cert.*;' 'class Trust {' '  public static void main(String[] files) throws Exception {' '    char[] word = {99, 104, 97, 110, 103, 101, 105, 116};' '    KeyStore store = KeyStore.getInstance(new File(files[0]), word);' '    try (InputStream given = new FileInputStream(files[1])) {' '      int number = 0;' '      for (Certificate each : CertificateFactory.getInstance(files[3]).generateCertificates(given))' '        store.setCertificateEntry(files[3] + number++, each);' '    }' '    try (OutputStream out = new FileOutputStream(files[2])) { store.store(out, word); }' '  }' '}' > /tmp/Trust.java \
 && java /tmp/Trust.java "$home/lib/security/cacerts" /run/secrets/authorities /trust.p12 X.509; \
    else cp "$home/lib/security/cacerts" /trust.p12; fi
ENV MAVEN_OPTS="-Djavax.net.ssl.trustStore=/trust.p12 -Djavax.net.ssl.trustStorePassword=changeit"
COPY ["pom.xml", "./"]
RUN mvn --batch-mode --quiet dependency:go-offline
COPY [".", "."]

FROM source AS test
RUN ["mvn", "--batch-mode", "test"]

FROM source AS package
RUN mvn --batch-mode --quiet -DskipTests package \
 && cp target/*.jar /app.jar

FROM docker.io/library/eclipse-temurin:21.0.8_9-jre
WORKDIR /app
ENV PORT="8080"
COPY --from=package ["/app.jar", "/app/app.jar"]
USER 1000
EXPOSE 8080
CMD ["sh", "-c", "exec \"$0\" \"$@\" --server.port=\"$PORT\"", "java", "-XX:MaxRAMPercentage=75", "-jar", "/app/app.jar"]
