// Fills the list of related stories from a JSON file, as a news page does.
const list = document.querySelector("#related");
if (list) {
  fetch("/assets/related.json")
    .then((answer) => answer.json())
    .then((stories) => {
      for (const story of stories) {
        const item = document.createElement("li");
        item.textContent = story.title;
        list.append(item);
      }
    });
}
