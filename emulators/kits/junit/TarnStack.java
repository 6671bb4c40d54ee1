import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * JUnit 5 and tarn: one stack for the run, put back to what an empty folder is before each test.
 *
 * <pre>
 * class PostsTest {
 *     &#64;RegisterExtension static final TarnStack tarn = new TarnStack();
 *     &#64;Test void posts() { S3Client.builder().endpointOverride(URI.create(tarn.at("aws"))) … }
 * }
 * </pre>
 *
 * With Testcontainers instead, where the image is at hand:
 * {@code new GenericContainer<>("tarn").withExposedPorts(4566, 9092, 3306).waitingFor(Wait.forLogMessage(".*Ready\\.\\n", 1))},
 * or its LocalStack module with {@code DockerImageName.parse("tarn").asCompatibleSubstituteFor("localstack/localstack")}.
 */
public final class TarnStack implements BeforeAllCallback, BeforeEachCallback, ExtensionContext.Store.CloseableResource {
    private static TarnStack running;
    private final List<String> words;
    private Path data;
    private String endpoints;

    /** Words for tarn up: "--only", "s3,kafka". The program is tarn of PATH, or what the property or variable TARN says. */
    public TarnStack(String... words) {
        this.words = Arrays.asList(words);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (running == null) {
            start();
            running = this;
            context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).put(TarnStack.class.getName(), this);
        }
        data = running.data;
        endpoints = running.endpoints;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        reset();
    }

    @Override
    public void close() throws Exception {
        run("down");
        running = null;
    }

    /** The address of a service: rds, kafka, rest, connect, aws, apigateway, airflow, lake, control. */
    public String at(String name) {
        Matcher m = Pattern.compile("\"" + Pattern.quote(name) + "\"\\s*:\\s*\"([^\"]*)\"").matcher(endpoints);
        if (!m.find()) {
            throw new IllegalArgumentException("the stack has no " + name + ": " + endpoints);
        }
        return m.group(1);
    }

    /** Everything as in an empty folder. */
    public void reset() throws IOException, InterruptedException {
        post("/_tarn/reset", "");
    }

    /** A POST to the control port: post("/_tarn/clock", "freeze 2026-01-05T09:00:00Z"). Its answer. */
    public String post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(at("control") + path)).header("X-Tarn", "1")
            .POST(HttpRequest.BodyPublishers.ofString(body)).build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("POST " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    /** A command of tarn on this stack; its output. */
    public String run(String word, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program(), word, "--data", data.toString()));
        command.addAll(Arrays.asList(more));
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(p.getInputStream().readAllBytes());
        if (p.waitFor() != 0) {
            throw new IOException("tarn " + word + ": " + said.trim());
        }
        return said;
    }

    private void start() throws IOException, InterruptedException {
        data = Files.createTempDirectory("tarn-junit-").resolve("data");
        List<String> more = new ArrayList<>(List.of("-d", "--wait", "--ports", "auto"));
        more.addAll(words);
        run("up", more.toArray(new String[0]));
        endpoints = Files.readString(data.resolve("endpoints.json"));
    }

    private static String program() {
        String named = System.getProperty("TARN", System.getenv("TARN"));
        return named == null ? "tarn" : named;
    }
}
