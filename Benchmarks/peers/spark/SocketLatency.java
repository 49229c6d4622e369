import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.streaming.api.java.JavaStreamingContext;
import scala.Tuple2;

/** The time from sending a line, whose first word is the time, to the count of that word. */
record SocketLatency(long interval, int port, long seconds) implements Peer.Mode {
  @Override
  public void run(JavaStreamingContext streaming, BatchLog log) throws Exception {
    List<Double> latencies = Collections.synchronizedList(new ArrayList<>());
    var lines = streaming.socketTextStream("127.0.0.1", port, StorageLevel.MEMORY_AND_DISK_SER());
    WordCount.of(lines).foreachRDD(counts -> {
      List<Tuple2<String, Integer>> result = counts.collect();
      long now = Readings.microseconds();
      for (Tuple2<String, Integer> count : result) {
        if (!count._1().startsWith("@")) continue;
        if (latencies.isEmpty()) System.out.printf("first-result sec=%.3f%n", Readings.secondsSinceStart());
        latencies.add((now - Long.parseLong(count._1().substring(1))) / 1e3);
      }
    });
    streaming.start();
    Thread.sleep(seconds * 1000);

    List<Double> steady = Readings.laterHalf(List.copyOf(latencies));
    System.out.printf("latency interval_ms=%d lines=%d p50_ms=%.3f p90_ms=%.3f p99_ms=%.3f max_ms=%.3f%n",
        interval, steady.size(), Readings.quantile(steady, 0.5), Readings.quantile(steady, 0.9),
        Readings.quantile(steady, 0.99), Readings.quantile(steady, 1));
    log.print(interval);
  }
}
