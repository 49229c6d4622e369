import MartletCore
import Testing

@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct GeneratedRDDTests {
  private final class Made {
    let time: Int
    init(_ time: Int) { self.time = time }
  }

  private func insert(_ time: Int, _ rdds: inout GeneratedRDDs) {
    rdds.insert(GeneratedRDD(time: Time(milliseconds: time), rdd: Made(time), isPersistedByStream: false))
  }

  private func find(_ time: Int, _ rdds: GeneratedRDDs) -> Int? { (rdds[Time(milliseconds: time)] as? Made)?.time }

  private func takeOldest(_ limit: Int, _ rdds: inout GeneratedRDDs) -> Int? {
    (rdds.takeOldest(through: Time(milliseconds: limit))?.rdd as? Made)?.time
  }

  @Test func `generated RDDs are found, in whatever order they were made`() {
    var rdds = GeneratedRDDs()
    #expect(find(1, rdds) == nil && takeOldest(9, &rdds) == nil)
    for time in [4, 8, 2, 6, 10, 1] { insert(time, &rdds) }
    #expect((0...11).map { find($0, rdds) } == [nil, 1, 2, nil, 4, nil, 6, nil, 8, nil, 10, nil])
    #expect(takeOldest(0, &rdds) == nil)
    #expect(
      [takeOldest(4, &rdds), takeOldest(4, &rdds), takeOldest(4, &rdds), takeOldest(4, &rdds)] == [1, 2, 4, nil])
    #expect((0...11).map { find($0, rdds) } == [nil, nil, nil, nil, nil, nil, 6, nil, 8, nil, 10, nil])
    // A look back recreates an RDD that was already forgotten.
    insert(3, &rdds)
    #expect(find(3, rdds) == 3 && takeOldest(9, &rdds) == 3)
  }

  @Test func `a long window slides over generated RDDs`() {
    var rdds = GeneratedRDDs()
    for time in 1...10_000 {
      insert(time, &rdds)
      while let old = takeOldest(time - 100, &rdds) { #expect(old == time - 100) }
      #expect(find(time, rdds) == time)
      #expect(find(max(1, time - 99), rdds) == max(1, time - 99))
      #expect(find(time - 100, rdds) == nil && find(time + 1, rdds) == nil)
    }
  }
}
