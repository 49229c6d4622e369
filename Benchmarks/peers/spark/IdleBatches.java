import java.util.LinkedList;
import java.util.List;
import org.apache.spark.streaming.api.java.JavaStreamingContext;
import scala.Tuple2;

/** Empty batches through five operators: the cost of a batch before its first record. */
record IdleBatches(long interval, long seconds) implements Peer.Mode {
  @Override
  public void run(JavaStreamingContext streaming, BatchLog log) throws Exception {
    var nothing = streaming.sparkContext().parallelize(List.<String>of(), 2);
    streaming.queueStream(new LinkedList<>(), true, nothing)
        .filter(line -> !line.isEmpty())
        .flatMap(line -> List.of(line.split(" ")).iterator())
        .mapToPair(word -> new Tuple2<>(word, 1))
        .reduceByKey(Integer::sum)
        .map(count -> count._2())
        .foreachRDD(counts -> { counts.collect(); });
    streaming.start();

    Thread.sleep(seconds * 500);
    double cpu = Readings.cpuSeconds();
    long batches = log.completed();
    Thread.sleep(seconds * 500);
    cpu = Readings.cpuSeconds() - cpu;
    batches = log.completed() - batches;
    System.out.printf("idle interval_ms=%d batches=%d cpu_ms=%.4f%n", interval, batches, cpu * 1e3 / batches);
    log.print(interval);
  }
}
