import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.streaming.api.java.JavaStreamingContext;

/** Counts the words of a feeder, from the start of sending to the result that completes the count. */
record SocketThroughput(int port, Path beganFile, long wanted, long bytes) implements Peer.Mode {
  @Override
  public void run(JavaStreamingContext streaming, BatchLog log) throws Exception {
    AtomicLong counted = new AtomicLong(), ended = new AtomicLong();
    CountDownLatch complete = new CountDownLatch(1);
    var lines = streaming.socketTextStream("127.0.0.1", port, StorageLevel.MEMORY_AND_DISK_SER());
    WordCount.of(lines).foreachRDD(counts -> {
      long words = counted.addAndGet(WordCount.totals(counts).words());
      if (words >= wanted && complete.getCount() > 0) {
        ended.set(Readings.microseconds());
        complete.countDown();
      }
    });
    streaming.start();
    if (!complete.await(10, TimeUnit.MINUTES)) {
      throw new IllegalStateException("only " + counted + " of " + wanted + " words within 10 minutes");
    }
    double seconds = (ended.get() - Long.parseLong(Files.readString(beganFile).trim())) / 1e6;
    System.out.printf("socket words=%d sec=%.3f MB/s=%.1f%n", counted.get(), seconds, bytes / 1e6 / seconds);
  }
}
