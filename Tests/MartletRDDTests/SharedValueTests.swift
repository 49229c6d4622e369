import MartletCore
import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct SharedValueTests {
  let sc = MartletContext(master: "local[4]", appName: "test")

  @Test func `accumulators collect values from all tasks`() throws {
    let long = sc.longAccumulator("long")
    let double = sc.doubleAccumulator()
    let all = sc.collectionAccumulator(of: Int.self)
    let longest = sc.accumulator(0) { Swift.max($0, $1) }
    try sc.range(0, 1000, numSlices: 8).foreach {
      long.add($0)
      double.add(Double($0) / 2)
      all.add($0)
      longest.add($0)
    }
    #expect(long.value == 499_500 && long.count == 1000 && long.avg == 499.5 && long.name == "long")
    #expect(double.sum == 249_750)
    #expect(all.value.sorted() == Array(0..<1000))
    #expect(longest.value == 999)
    long.add(1)
    #expect(long.sum == 499_501)
    long.reset()
    #expect(long.isZero)
  }

  @Test func `async closures add to accumulators too`() throws {
    let sum = sc.longAccumulator()
    try sc.range(0, 100, numSlices: 4).foreach { number in
      await Task.yield()
      sum.add(number)
    }
    #expect(sum.value == 4950)
  }

  @Test func `additions of a failed task do not count`() throws {
    let single = MartletContext(master: "local[1]", appName: "test")
    let sum = single.longAccumulator()
    #expect(throws: OperatorFailure.self) {
      try single.range(0, 100, numSlices: 4).foreach {
        sum.add(1)
        if $0 == 60 { throw Boom() }
      }
    }
    // The two partitions before the failed one.
    #expect(sum.value == 50)
  }

  @Test func `broadcasts are read by tasks, and stay readable after unpersist`() throws {
    let names = sc.broadcast([1: "one", 2: "two"])
    let named = sc.parallelize([1, 2, 1]).map { names.value[$0] ?? "" }
    #expect(try named.collect() == ["one", "two", "one"])
    names.unpersist()
    #expect(try named.count() == 3)
    names.destroy()
    #expect(try named.collect() == ["one", "two", "one"])
    #expect(sc.broadcast(1).id == names.id + 1)
  }

  @Test func `accumulators support the operator +=, as in Python`() throws {
    let long = sc.longAccumulator()
    let double = sc.doubleAccumulator()
    let whole = sc.accumulator(0, name: "whole")
    let real = sc.accumulator(1.5)
    let small = sc.accumulator(Int8(100))
    try sc.range(0, 100, numSlices: 4).foreach {
      long += $0
      double += 0.5
      whole += 1
      real += 0.25
      small += 1
    }
    #expect(long.value == 4950 && long.count == 100)
    #expect(double.value == 50)
    #expect(whole.value == 100 && whole.name == "whole")
    #expect(small.value != 0, "a sum that overflows wraps around")
  }
}
