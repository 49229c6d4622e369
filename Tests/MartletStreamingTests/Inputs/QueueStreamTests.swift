import MartletTesting
import Testing

import Martlet

@Suite struct QueueStreamTests {
  @Test func `the records of a queue are counted when they have been read`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let queue = RDDQueue<Int>()
    let sc = test.context.sparkContext
    let stream = test.context.queueStream(queue)
    stream.pprint(to: { _ in })
    stream.count().pprint(to: { _ in })
    try test.start()
    queue.append(sc.parallelize(1...2500, 3))
    queue.append(sc.parallelize([1, 2], 1))
    try test.runBatches(3)
    #expect(test.events.completedBatches.map(\.numRecords) == [2500, 2, 0])
    #expect(test.context.progress.records == 2502)
    #expect(test.context.progress.description == "2502 records in 3 batches")
  }

  @Test func `all waiting RDDs are counted together, and also default RDDs`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let sc = test.context.sparkContext
    let queued = [sc.parallelize([1, 2], 1), sc.parallelize([3], 1)]
    let stream = test.context.queueStream(queued, oneAtATime: false, defaultRDD: sc.parallelize([0], 1))
    let output = test.output(of: stream)
    try test.start()
    try test.runBatches(2)
    #expect(output.batches == [[1, 2, 3], [0]])
    #expect(test.events.completedBatches.map(\.numRecords) == [3, 1])
  }

  @Test func `records that no output operation reads are not counted`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let stream = test.context.queueStream([test.context.sparkContext.parallelize([1, 2], 1)])
    stream.foreachRDD { (_: RDD<Int>) in }
    try test.start()
    try test.runBatch()
    #expect(test.context.progress.records == 0)
  }
}
