import MartletCore
import MartletRDD
import Testing

/// Closures that throw, and elements that must be released whatever happens.
@Suite(.timeLimit(.minutes(30))) struct FailureTests {
  /// Functions that run one operator each, whose closure throws for elements that `check` selects.
  private static let operators:
    [(
      name: String, run: @Sendable (RDD<Tracked>, @escaping @Sendable (Tracked) throws -> Void) throws -> Void
    )] = [
      ("map", { rdd, check in _ = try rdd.map { try check($0) }.count() }),
      (
        "filter",
        { rdd, check in
          _ = try rdd.filter {
            try check($0); return true
          }.count()
        }
      ),
      (
        "flatMap",
        { rdd, check in
          _ = try rdd.flatMap {
            try check($0); return [$0, $0]
          }.count()
        }
      ),
      (
        "mapPartitions",
        { rdd, check in
          _ = try rdd.mapPartitions { elements in
            try elements.map {
              try check($0); return $0
            }
          }.count()
        }
      ),
      (
        "keyBy",
        { rdd, check in
          _ = try rdd.keyBy {
            try check($0); return $0
          }.count()
        }
      ),
      (
        "mapValues",
        { rdd, check in
          _ = try rdd.map { ($0, $0) }.mapValues {
            try check($0); return $0
          }.count()
        }
      ),
      (
        "flatMapValues",
        { rdd, check in
          _ = try rdd.map { ($0, $0) }.flatMapValues {
            try check($0); return [$0, $0]
          }.count()
        }
      ),
      (
        "groupBy",
        { rdd, check in
          _ = try rdd.groupBy {
            try check($0); return $0.number % 7
          }.count()
        }
      ),
      (
        "sortBy",
        { rdd, check in
          _ = try rdd.sortBy {
            try check($0); return $0
          }.count()
        }
      ),
      (
        "reduceByKey",
        { rdd, check in
          _ = try rdd.map { ($0.number % 7, $0) }.reduceByKey {
            try check($0); try check($1); return $1
          }.count()
        }
      ),
      (
        "aggregateByKey",
        { rdd, check in
          _ = try rdd.map { ($0.number % 7, $0) }.aggregateByKey(into: [Tracked]()) {
            try check($1); $0.append($1)
          } _: {
            $0 += $1
          }.count()
        }
      ),
      (
        "combineByKey",
        { rdd, check in
          _ = try rdd.map { ($0.number % 7, $0) }.combineByKey(
            {
              try check($0); return [$0]
            },
            {
              try check($1); return $0 + [$1]
            }, { $0 + $1 }, mapSideCombine: false
          ).count()
        }
      ),
      ("foreach", { rdd, check in try rdd.foreach { try check($0) } }),
      ("foreachPartition", { rdd, check in try rdd.foreachPartition { for element in $0 { try check(element) } } }),
      (
        "reduce",
        { rdd, check in
          _ = try rdd.reduce {
            try check($0); try check($1); return $1
          }
        }
      ),
      (
        "aggregate",
        { rdd, check in
          _ = try rdd.aggregate(
            0,
            {
              try check($1); return $0 + 1
            }, +)
        }
      ),
      (
        "takeOrdered",
        { rdd, check in
          _ = try rdd.takeOrdered(3) {
            try check($0); return $0
          }
        }
      ),
      (
        "zipPartitions",
        { rdd, check in
          _ = try rdd.zipPartitions(rdd) { a, b in
            try zip(a, b).map {
              try check($0.1); return $0.0
            }
          }.count()
        }
      ),
    ]

  @Test(arguments: [1, 3]) func `an error names the operator, the partition and the line`(threads: Int) throws {
    let sc = MartletContext(master: "local[\(threads)]", appName: "test")
    let living = Living()
    for (name, run) in Self.operators {
      let rdd = sc.range(0, 3000, numSlices: 3).map { Tracked($0, living) }
      let failure = #expect(throws: OperatorFailure.self, "\(name)") {
        try run(rdd) { if $0.number == 1700 { throw Boom() } }
      }
      #expect(failure?.operatorName == name)
      #expect(failure?.partition != nil, "\(name)")
      #expect(failure?.callSite.file == "MartletRDDTests/FailureTests.swift")
      #expect(failure?.underlying is Boom)
    }
    #expect(living.isZeroSoon())
  }

  @Test(arguments: [1, 3]) func `elements are released exactly once, whether or not a closure throws`(
    threads: Int
  ) throws {
    for (name, run) in Self.operators {
      for bad in [-1, 0, 1, 999, 1023, 1024, 1700, 2999] {
        for slices in [1, 5] {
          let living = Living()
          do {
            let sc = MartletContext(master: "local[\(threads)]", appName: "test")
            let rdd = sc.parallelize((0..<3000).map { Tracked($0, living) }, slices)
            for rdd in [rdd, rdd.map { $0 }.filter { _ in true }.cache()] {
              var failure: (any Error)?
              do {
                try run(rdd) { if $0.number == bad { throw Boom() } }
              } catch { failure = error }
              #expect(
                (failure as? OperatorFailure)?.underlying is Boom == (bad >= 0),
                "\(name), \(bad), \(slices) partitions: \(failure.map { "\($0)" } ?? "nothing was thrown")")
            }
          }
          #expect(living.isZeroSoon(), "\(name), \(bad), \(slices) partitions")
        }
      }
    }
  }

  @Test(arguments: [1, 3]) func `operators without closures, and actions that stop early, release all elements`(
    threads: Int
  ) throws {
    let uses: [@Sendable (RDD<Tracked>) throws -> Void] = [
      { _ = try $0.take(5) }, { _ = try $0.first() }, { _ = try $0.isEmpty() },
      { _ = try $0.flatMap { [$0, $0] }.take(3) },
      { _ = try $0.mapPartitions { $0.prefix(2) }.count() }, { _ = try $0.mapPartitions { _ in [1] }.count() },
      { _ = try $0.top(3) }, { _ = try $0.takeSample(withReplacement: true, 10) },
      { _ = try $0.takeSample(withReplacement: false, 10) },
      { _ = try $0.sample(withReplacement: true, fraction: 2).count() },
      { _ = try $0.sample(withReplacement: false, fraction: 0.5).take(2) }, { _ = try $0.distinct().count() },
      { _ = try $0.subtract($0.filter { $0.number > 9 }).count() }, { _ = try $0.intersection($0).take(3) },
      { _ = try $0.cartesian($0.filter { $0.number < 9 }).take(3) }, { _ = try $0.zip($0).take(3) },
      { rdd in
        let shorter = rdd.filter { $0.number != 1600 }
        #expect(code { try rdd.zip(shorter).count() } == .invalidArgument)
      }, { _ = try $0.zipWithIndex().take(3) },
      { _ = try $0.repartition(3).glom().collect() }, { _ = try $0.coalesce(2).take(1400) },
      { _ = try $0.union($0).countByValue() }, { _ = try $0.sortBy { $0 }.take(1) },
      { _ = try $0.keyBy { $0.number % 3 }.join($0.keyBy { $0.number % 300 }).take(2000) },
      { _ = try $0.keyBy { $0.number % 3 }.fullOuterJoin($0.keyBy { $0.number }).count() },
      { _ = try $0.keyBy { $0 }.subtractByKey($0.map { ($0, $0) }).count() },
      { _ = try $0.keyBy { $0 }.cogroup($0.keyBy { $0 }, $0.keyBy { $0 }).take(1) },
      { _ = try $0.toLocalIterator().next() }, { _ = try $0.keyBy { $0.number }.lookup(3) },
    ]
    for (index, use) in uses.enumerated() {
      let living = Living()
      do {
        let sc = MartletContext(master: "local[\(threads)]", appName: "test")
        try use(sc.parallelize((0..<3000).map { Tracked($0, living) }, 5))
      }
      #expect(living.isZeroSoon(), "number \(index)")
    }
  }

  @Test(arguments: [0, -2]) func `less than one partition is refused`(count: Int) {
    let context = MartletContext(master: "local[1]")
    let error = #expect(throws: MartletError.self) { try context.parallelize([1, 2], count).collect() }
    #expect(error?.message.contains("the number of partitions is \(count); it must be between 1 and 1048576.") == true)
  }
}
