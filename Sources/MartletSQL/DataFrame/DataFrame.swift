internal import MartletCore

/// A table that is computed from others, with the names of Spark.
///
/// ```swift
/// let adults = people.filter(col("age") >= 18).select("name", "age").orderBy(desc("age"))
/// try await adults.show()
/// ```
/// A frame is a value, cheap to copy and to pass to other tasks. A transformation, such as `filter`, makes another frame
/// and never throws or computes anything. An action, such as `count`, analyzes all transformations before it, reports all
/// their faults with the lines where they are written, and computes the rows. In async code, actions suspend the task;
/// in closures that are not async, such as that of `foreachRDD`, the same names block the thread.
public struct DataFrame: Sendable {
  let session: any DataFrameRuntime
  /// The description of the table.
  public let plan: Plan
  /// The identity of the frame, with the line that made it.
  let id: FrameID

  /// The number of frames from which this one is made, one after the other.
  private let length: Int

  init(_ session: any DataFrameRuntime, _ plan: Plan, _ site: OperatorSite, length: Int = 0) {
    self.length = length
    self.session = session
    self.plan = plan
    self.id = FrameID(site)
  }

  /// The frame as the input of others.
  var input: Plan { .frame(id, plan) }

  /// Another frame of the session.
  func frame(_ name: String, _ file: StaticString, _ line: UInt, _ plan: (Plan) -> Plan) -> DataFrame {
    // Analysis refuses the plan long before. If it grew on, the stack would not suffice to release it.
    let isTooLong = length > 2 * Analyzer.maximumFrames
    return DataFrame(
      session, isTooLong ? self.plan : plan(input), OperatorSite(name, file, line), length: length + 1)
  }

  /// A column of this frame, which another frame's column of the same name is not confused with:
  /// `people["id"] == orders["id"]`.
  public subscript(name: String) -> Column { Column(Column.reference(name, frame: id)) }

  /// A column of this frame: another spelling of `people["name"]`.
  public func col(_ name: String) -> Column { self[name] }
}
