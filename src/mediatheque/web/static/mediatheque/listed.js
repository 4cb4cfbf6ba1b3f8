// Names that are separated by commas: what is offered goes on from the last one.

document.querySelectorAll("input[list]").forEach((field) => {
  const names = [...field.list.options].map((each) => each.value);
  const offer = () => {
    const before = field.value.slice(0, field.value.lastIndexOf(",") + 1);
    const said = before.split(",").map((each) => each.trim().toLowerCase());
    const start = before && `${before} `;
    const left = names.filter((each) => !said.includes(each.toLowerCase()));
    field.list.replaceChildren(...left.map((each) => Object.assign(document.createElement("option"), { value: start + each })));
  };
  field.addEventListener("input", offer);
  field.addEventListener("focus", offer);
});
