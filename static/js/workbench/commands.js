// What each action of the key map does. Keys, buttons and the strip all end here.

/** By the verb of the action; called with its object, as "N2" of "stage:N2", and with how its key was pressed. */
export function verbsOf(bench) {
  const { store, editing, turning, findings, history } = bench;
  return {
    stage: (stage, press) => editing.stage(stage, press),
    unscore: () => editing.setStage(null),
    quick: (index) => editing.cite(bench.panel.quickRule(store.stage(store.current), Number(index))),
    rule: (id) => editing.cite(bench.rules.find((rule) => rule.id === id)),
    chord: () => bench.beginChord(),
    flag: (name) => editing.flag(name),
    explain: () => bench.parts.rationale?.focus(),
    next: () => turning.by(1),
    previous: () => turning.by(-1),
    first: () => turning.go(0),
    last: () => turning.go(store.epochCount - 1),
    unscored: () => turning.goIf(store.nextUnscored(store.current), "Every epoch is scored"),
    transition: () => turning.goIf(store.nextTransition(store.current), "No further change of stage"),
    finding: () => turning.goIf(findings.next(store.current), "Nothing to check"),
    assist: (what, press) => (bench.assistance ? bench.assistance.act(what, press) : bench.say("In this mode there is no help to be seen")),
    history: () => history.toggle(),
    measure: () => bench.evidence.toggle(),
    evidence: () => bench.evidence.nextChip(),
    phrases: () => (bench.phrasebook ? bench.phrasebook.open() : bench.say("No rationales are asked for here")),
    copy: () => editing.copy(),
    goto: () => bench.dialogs.goto(),
    undo: () => editing.undo(),
    redo: () => editing.redo(),
    display: () => bench.dialogs.display(),
    lights: (side) => (side ? editing.markLights(side) : bench.dialogs.lights()),
    help: () => bench.dialogs.help(),
    keys: () => bench.dialogs.keys(),
    open: (dialogId) => openDialog(dialogId, bench),
    submit: () => bench.dialogs.submit(),
    conflict: () => bench.dialogs.conflict(),
  };
}

function openDialog(dialogId, bench) {
  const dialog = document.getElementById(dialogId);
  if (dialog) dialog.showModal();
  else bench.say("This study has none");
}
