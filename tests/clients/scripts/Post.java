import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.io.InputStream;
import java.net.URL;

/** The JDK's own clients, with the trust that the JDK has. */
public class Post {
	public static void main(String[] args) throws Exception {
		HttpClient client = HttpClient.newHttpClient();
		String api = "https://j4v4j4v4j4.execute-api.us-east-1.amazonaws.com/prod";
		for (int i = 0; i < 3; i++) {
			HttpRequest request = HttpRequest.newBuilder(URI.create(api + "/topics/0f0e0d0c0b0a.user"))
				.header("Content-Type", "application/vnd.kafka.json.v2+json")
				.POST(HttpRequest.BodyPublishers.ofString("{\"records\":[{\"value\":{\"ind\":" + i + "}}]}")).build();
			HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
			System.out.println(answer.statusCode() + " " + answer.version());
			if (answer.statusCode() != 200)
				throw new Exception(answer.body());
		}
		try (InputStream in = new URL(api + "/topics").openStream()) {
			System.out.println(in.readAllBytes().length > 2);
		}
	}
}
