(() => {
  const here = document.currentScript, post = here.dataset.telegramPost, frame = document.createElement('iframe');
  frame.id = 'telegram-post-' + post.replace(/[^a-z0-9_]/ig, '-');
  frame.src = `https://t.me/${post}?embed=1&userpic=true`;
  frame.setAttribute('scrolling', 'no');
  here.replaceWith(frame);
  addEventListener('message', (told) => {
    if (told.source === frame.contentWindow) frame.style.height = JSON.parse(told.data).height + 'px';
  });
})();
