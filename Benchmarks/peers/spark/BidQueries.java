import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Queries over files of bids in Spark Structured Streaming, in local mode: all files as one batch,
 * repeatedly, with a sink that drops the results.
 *
 * <pre>
 * BidQueries MASTER FOLDER FORMAT QUERY ROUNDS
 * </pre>
 */
public final class BidQueries {
  private BidQueries() {}

  private static final String SCHEMA =
      "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, dateTime TIMESTAMP";

  private static String text(String query) {
    return switch (query) {
      case "q0" -> "SELECT * FROM bids";
      case "q5" -> "SELECT window(dateTime, '10 seconds', '2 seconds') AS start, auction, count(*) AS bids FROM bids GROUP BY 1, 2";
      case "q7" -> "SELECT window(dateTime, '10 seconds') AS start, max(price) AS price FROM bids GROUP BY 1";
      default -> throw new IllegalArgumentException("no query named " + query);
    };
  }

  public static void main(String[] arguments) throws Exception {
    String master = arguments[0], folder = arguments[1], format = arguments[2], query = arguments[3];
    int rounds = Integer.parseInt(arguments[4]);
    Path scratch = Path.of(System.getProperty("peer.scratch"));
    SparkSession spark = SparkSession.builder().master(master).appName("BidQueries")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", scratch.toString())
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
    for (int round = 1; round <= rounds; round++) {
      double cpu = Readings.cpuSeconds();
      long began = System.nanoTime();
      Dataset<Row> bids = spark.readStream().format(format).schema(SCHEMA).load(folder + "/" + format);
      bids.createOrReplaceTempView("bids");
      StreamingQuery running = spark.sql(text(query)).writeStream().format("noop")
          .outputMode(query.equals("q0") ? "append" : "complete")
          .trigger(Trigger.AvailableNow())
          .option("checkpointLocation", scratch.resolve("checkpoint-" + round).toString())
          .start();
      running.awaitTermination(TimeUnit.MINUTES.toMillis(10));
      System.out.printf("bids format=%s query=%s sec=%.4f cpu=%.3f%n", format, query, (System.nanoTime() - began) / 1e9,
          Readings.cpuSeconds() - cpu);
    }
    System.out.printf("process sec=%.3f cpu=%.3f peak_mb=%.0f%n",
        Readings.secondsSinceStart(), Readings.cpuSeconds(), Readings.peakMegabytes());
    System.out.flush();
    Runtime.getRuntime().halt(0);  // an orderly stop would take seconds and measure nothing
  }
}
