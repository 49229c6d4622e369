import MartletCore
import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct PipeTests {
  let sc = MartletContext(master: "local[3]", appName: "test")

  private func texts(_ rdd: RDD<Text>) throws -> [String] { try rdd.collect().map { String($0) } }

  @Test func `pipe passes the elements to a program as lines, and returns its lines`() throws {
    #expect(try texts(sc.parallelize(1...5, 2).pipe("cat")) == ["1", "2", "3", "4", "5"])
    #expect(try texts(sc.parallelize([("a", 1)]).filter { _ in true }.pipe(["cat"])).contains("(\"a\", 1)"))
    #expect(try texts(sc.parallelize(["b", "a"], 1).pipe(["sh", "-c", "sort; echo end"])) == ["a", "b", "end"])
    #expect(try texts(sc.parallelize([1], 1).pipe("printf 'no line feed'")) == ["no line feed"])
    #expect(try texts(sc.parallelize([Int](), 2).pipe("echo x")) == ["x", "x"], "one program for each partition")
  }

  @Test func `A command is split into words as in a shell`() throws {
    #expect(
      try texts(sc.parallelize([1], 1).pipe(#"printf "%s|" a  'b c' "d \" e" f\ g $HOME ''"#)) == [
        #"a|b c|d " e|f g|$HOME||"#
      ])
    for command in ["", "  ", "echo 'a", "echo \"a", "echo \\"] {
      #expect(throws: MartletError.self, "\(command)") { try sc.parallelize([1]).pipe(command).count() }
    }
    #expect(throws: MartletError.self) { try sc.parallelize([1]).pipe([String]()).count() }
  }

  @Test func `The environment and the folder of a program can be set`() throws {
    try withTemporaryFolder { folder in
      let command = ["sh", "-c", "echo $MARTLET_TEST; echo ${PATH:+there}; pwd"]
      let lines = try texts(
        sc.parallelize([1], 1).pipe(command, env: ["MARTLET_TEST": "a=b"], workingDirectory: folder))
      #expect(lines.count == 3 && lines[0] == "a=b" && lines[1] == "there" && lines[2].hasSuffix(lastComponent(folder)))
    }
  }

  @Test func `A program that fails fails the job, with its standard error`() throws {
    func failure(_ command: [String]) -> String {
      let thrown = #expect(throws: OperatorFailure.self) { try sc.parallelize([1], 1).pipe(command).count() }
      #expect(thrown?.operatorName == "pipe")
      return "\(thrown as Any)"
    }
    let said = failure(["sh", "-c", "cat; echo it is broken >&2; exit 3"])
    #expect(said.contains("status 3") && said.contains("it is broken"))
    #expect(failure(["sh", "-c", "kill -9 $$"]).contains("signal 9"))
    #expect(failure(["/no/such/program"]).contains("/no/such/program"))
    #expect(failure(["sh", "-c", "yes error | head -n 100000 >&2; exit 1"]).contains("error"))
    #expect(throws: OperatorFailure.self) {
      try sc.parallelize([1], 1).pipe("cat", workingDirectory: "/no/such/folder").count()
    }
    let upstream = #expect(throws: OperatorFailure.self) {
      try sc.parallelize([1], 1).map { _ -> Int in throw Boom() }.pipe("cat").count()
    }
    #expect(upstream?.operatorName == "map")
  }

  @Test func `A program need not read, and may write any amount`() throws {
    let many = sc.range(0, 300_000, numSlices: 3)
    #expect(try many.pipe("true").count() == 0)
    #expect(try texts(many.pipe("head -n 1")) == ["0", "100000", "200000"])
    #expect(try many.pipe("cat").count() == 300_000)
    #expect(
      try sc.parallelize([1], 1).pipe(["sh", "-c", "cat; yes | head -n 300000; yes no | head -n 100000 >&2"]).count()
        == 300_001)
    #expect(try many.pipe(["sh", "-c", "exec <&-; sleep 0.1; echo done"]).count() == 3)
    #expect(try many.pipe(["sh", "-c", "exec >&-; cat > /dev/null"]).count() == 0)
  }

  @Test func `A program is ended when its lines are no longer needed`() throws {
    #expect(try sc.parallelize([1], 1).pipe("yes").take(2).map { String($0) } == ["y", "y"])
  }
}
