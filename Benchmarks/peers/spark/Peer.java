import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.streaming.Durations;
import org.apache.spark.streaming.api.java.JavaStreamingContext;

/**
 * Word counts, and windows of hashtags, in Spark Streaming's DStream API, in local mode, for comparison.
 *
 * <pre>
 * Peer files   MASTER INTERVAL_MS FILE BATCHES         the whole file as one batch, repeatedly
 * Peer socket  MASTER INTERVAL_MS PORT BEGAN_FILE WORDS BYTES   a feeder's file, until WORDS are counted
 * Peer latency MASTER INTERVAL_MS PORT SECONDS         from sending a stamped line to the result of its batch
 * Peer idle    MASTER INTERVAL_MS SECONDS              empty batches through five operators
 * Peer windows MASTER INTERVAL_MS FOLDER KIND WINDOW WARM_UP SLIDES   hashtags of a folder's files, one for each slide
 * </pre>
 *
 * Every result is a line with its name and {@code key=value} pairs. The system property
 * {@code peer.scratch} names a folder for the files of the run.
 */
public final class Peer {
  private Peer() {}

  /** A use of the streaming context; returns when it has printed its measurements. */
  interface Mode {
    void run(JavaStreamingContext streaming, BatchLog log) throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 4) throw new IllegalArgumentException("usage: Peer MODE MASTER INTERVAL_MS ...");
    String master = arguments[1];
    long interval = Long.parseLong(arguments[2]);
    Path scratch = Path.of(System.getProperty("peer.scratch"));
    Mode mode = switch (arguments[0]) {
      case "files" -> new FileBatches(scratch, Path.of(arguments[3]), Integer.parseInt(arguments[4]));
      case "socket" -> new SocketThroughput(Integer.parseInt(arguments[3]), Path.of(arguments[4]),
          Long.parseLong(arguments[5]), Long.parseLong(arguments[6]));
      case "latency" -> new SocketLatency(interval, Integer.parseInt(arguments[3]), Long.parseLong(arguments[4]));
      case "idle" -> new IdleBatches(interval, Long.parseLong(arguments[3]));
      case "windows" -> new HashtagWindows(interval, scratch, Path.of(arguments[3]), HashtagWindows.Kind.valueOf(arguments[4]),
          Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]), Integer.parseInt(arguments[7]));
      default -> throw new IllegalArgumentException("no mode named " + arguments[0]);
    };

    SparkConf configuration = new SparkConf()
        .setMaster(master)
        .setAppName("Peer")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.local.dir", scratch.toString())
        // The length of a receiver's blocks; blocks longer than a batch would delay it.
        .set("spark.streaming.blockInterval", Math.min(interval, 200) + "ms");
    JavaStreamingContext streaming = new JavaStreamingContext(configuration, Durations.milliseconds(interval));
    BatchLog log = new BatchLog();
    streaming.ssc().addStreamingListener(log);
    mode.run(streaming, log);

    System.out.printf("process sec=%.3f cpu=%.3f peak_mb=%.0f%n",
        Readings.secondsSinceStart(), Readings.cpuSeconds(), Readings.peakMegabytes());
    System.out.flush();
    Runtime.getRuntime().halt(0);  // an orderly stop would take seconds and measure nothing
  }
}
